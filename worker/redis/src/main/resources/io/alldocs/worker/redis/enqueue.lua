-- Adds items that are not in the queue yet. ARGV: delay in milliseconds, number of items, their ids (without
-- duplicates), their priorities, the items.
-- Returns how many were added.
local delay, n = tonumber(ARGV[1]), tonumber(ARGV[2])

local empty = redis.call('ZCARD', waiting) == 0
promote()
local place = places(n)
local present = redis.call('HMGET', items, unpack(ARGV, 3, n + 2))
local ids, stored, ordered = {}, {}, {}
for i = 1, n do
  if not present[i] then
    local id = ARGV[i + 2]
    local k = #ids + 1
    ids[k] = id
    stored[2 * k - 1], stored[2 * k] = id, ARGV[i + 2 * n + 2]
    if delay == 0 then
      ordered[2 * k - 1], ordered[2 * k] = score(ARGV[i + n + 2], place + i - 1), id
    else
      ordered[2 * k - 1], ordered[2 * k] = now + delay, delayedMember(place + i - 1, id)
    end
  end
end
if #ids == 0 then
  return 0
end
redis.call('HSET', items, unpack(stored))
if redis.call('ZREM', dead, unpack(ids)) > 0 then
  redis.call('HDEL', letters, unpack(ids))
end
if delay == 0 then
  redis.call('ZADD', waiting, unpack(ordered))
else
  redis.call('ZADD', delayed, unpack(ordered))
end
if (delay == 0 and empty) or (delay > 0 and redis.call('ZRANK', delayed, ordered[2]) == 0) then
  wake()
end
return #ids
