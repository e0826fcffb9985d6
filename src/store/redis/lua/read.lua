-- A session, for steps that change nothing.
return {now, epoch, found[2]}
