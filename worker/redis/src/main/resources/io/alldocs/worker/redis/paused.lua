-- Returns the pause in force: the millisecond when it ends, and the remaining milliseconds (0 if there is none).
local ends = tonumber(redis.call('HGET', state, 'pausedUntil') or 0)
return { ends, math.max(0, ends - now) }
