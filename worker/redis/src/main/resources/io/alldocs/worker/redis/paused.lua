-- Returns the pause in force: the millisecond when it ends, and how many are left (0: none is in force).
local ends = tonumber(redis.call('HGET', state, 'pausedUntil') or 0)
return { ends, math.max(0, ends - now) }
