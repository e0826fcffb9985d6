// Leaves the page once its session is over, for one that says why.
const leave = () => location.assign("/account");
let live;

// Only the tab in front listens: a browser keeps few connections to one server.
const listen = () => {
  live?.close();
  if (document.hidden) return;
  live = new EventSource("/live");
  live.addEventListener("ended", leave);
  live.addEventListener("error", () => {
    // A lost connection comes back by itself; a refused one does not.
    if (live.readyState === EventSource.CLOSED) leave();
  });
};

document.addEventListener("visibilitychange", listen);
listen();
