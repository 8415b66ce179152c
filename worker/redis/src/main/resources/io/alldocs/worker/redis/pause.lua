-- Pauses the queue for ARGV[1] milliseconds, unless a longer pause is in force. Returns the remaining milliseconds of
-- the pause in force.
local left = tonumber(ARGV[1])
local before = tonumber(redis.call('HGET', state, 'pausedUntil') or 0) - now
if left > 0 and left > before then
  redis.call('HSET', state, 'pausedUntil', now + left)
  redis.call('PUBLISH', events, string.format('pause %.0f %.0f', now + left, left))
end
return math.max(0, left, before)
