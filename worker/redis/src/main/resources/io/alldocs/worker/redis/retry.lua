-- Requeues dead letters as new items. ARGV: ids; ids without a dead letter are ignored. Returns how many were
-- requeued.
local empty = redis.call('ZCARD', waiting) == 0
promote()
local retried = 0
for _, id in ipairs(ARGV) do
  if redis.call('ZREM', dead, id) == 1 then
    local reasonBytes, at = string.match(redis.call('HGET', letters, id), '^%d+ (%d+) ()')
    local item = '0 0' .. string.match(string.sub(redis.call('HGET', letters, id), at + reasonBytes), '^%d+ %d+(.*)$')
    redis.call('HDEL', letters, id)
    redis.call('ZADD', waiting, score(priorityOf(item), places(1)), id)
    redis.call('HSET', items, id, item)
    retried = retried + 1
  end
end
if empty and retried > 0 then
  wake()
end
return retried
