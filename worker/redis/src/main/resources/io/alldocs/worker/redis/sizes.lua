-- Returns how many items are waiting, delayed, leased and dead. Delayed items that are due count as waiting.
local due = redis.call('ZCOUNT', delayed, '-inf', now)
return {
  redis.call('ZCARD', waiting) + due,
  redis.call('ZCARD', delayed) - due,
  redis.call('ZCARD', active),
  redis.call('ZCARD', dead)
}
