-- A session, for what changes nothing.
return {now, epoch, bytes}
