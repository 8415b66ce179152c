-- Returns how many items wait, are delayed, are leased and are dead. Who is due waits, if nobody has moved it yet.
local due = redis.call('ZCOUNT', delayed, '-inf', now)
return {
  redis.call('ZCARD', waiting) + due,
  redis.call('ZCARD', delayed) - due,
  redis.call('ZCARD', active),
  redis.call('ZCARD', dead)
}
