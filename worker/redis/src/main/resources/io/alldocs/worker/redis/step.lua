-- Settles leases, then reserves items. A lease is identified by its member of "active".
--
-- ARGV 1     maximum number of items
-- ARGV 2, 3  token and length in milliseconds of the new leases
-- ARGV 4, 5  window of the rate limit in milliseconds; maximum starts per window (0: no limit)
-- ARGV 6     maximum number of lost leases of an item
-- ARGV 7-9   numbers of done, failed and returned leases
-- then       the done leases, and their ids
-- then       three values for each failed lease: the lease, the milliseconds until the next attempt, the reason;
--            -1 instead of the milliseconds: no attempt; -2: the lease is lost
-- then       the returned leases
--
-- Returns four values:
-- 1  the milliseconds until items may be available (-1: unknown, 0: possibly at once)
-- 2  the numbers of the leases that were passed over, starting from 1 in the order of ARGV
-- 3  the ids and scores of the reserved items: id, score, id, score …
-- 4  the reserved items
local max, token, lease, interval, cap, maxLost = tonumber(ARGV[1]), ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
local done, failed, back = tonumber(ARGV[7]), tonumber(ARGV[8]), tonumber(ARGV[9])
local FIRST = 10

local passed = {}

local function settleDone(at)
  if done == 0 then
    return
  end
  ended = true
  local held = redis.call('ZMSCORE', active, unpack(ARGV, at, at + done - 1))
  local all = true
  for i = 1, done do
    if not held[i] then
      all = false
      passed[#passed + 1] = i
    end
  end
  if all then
    redis.call('HDEL', items, unpack(ARGV, at + done, at + 2 * done - 1))
  else
    for i = 1, done do
      if held[i] then
        redis.call('HDEL', items, ARGV[at + done + i - 1])
      end
    end
  end
  redis.call('ZREM', active, unpack(ARGV, at, at + done - 1))
end

-- Ends a lease; returns its item, its id and the score to requeue with, or nil if the lease is not active.
local function release(member)
  if redis.call('ZREM', active, member) == 0 then
    return nil
  end
  local place, id = string.match(member, '^[^:]*:(%-?%d+) (.*)$')
  return redis.call('HGET', items, id), id, place
end

-- Requeues an item whose lease was lost, at its former position, or gives it up.
local function lose(id, item, place, reason)
  local again = counted(item, 0, 1)
  local times = tonumber(string.match(again, '^%d+ (%d+)'))
  if times >= maxLost then
    bury(id, again, 'Its lease was lost ' .. times .. ' times; last reason: ' .. reason)
  else
    redis.call('HSET', items, id, again)
    redis.call('ZADD', waiting, place, id)
  end
end

local function settleFailed(at)
  for i = 1, failed do
    local member, pause, reason = ARGV[at], tonumber(ARGV[at + 1]), ARGV[at + 2]
    local item, id, place = release(member)
    if not item then
      passed[#passed + 1] = done + i
    elseif pause == -2 then
      lose(id, item, place, reason)
    elseif pause < 0 then
      bury(id, counted(item, 1, 0), reason)
    else
      redis.call('HSET', items, id, counted(item, 1, 0))
      local waits = delayedMember(places(1), id)
      redis.call('ZADD', delayed, now + pause, waits)
      if redis.call('ZRANK', delayed, waits) == 0 then
        wake()
      end
    end
    at = at + 3
  end
end

local function settleBack(at)
  for i = 1, back do
    local item, id, place = release(ARGV[at + i - 1])
    if item then
      redis.call('ZADD', waiting, place, id)
    else
      passed[#passed + 1] = done + failed + i
    end
  end
end

-- Requeues the items of expired leases, at their former positions.
local function recover()
  local lost = redis.call('ZRANGEBYSCORE', active, '-inf', now, 'LIMIT', 0, BATCH)
  for _, member in ipairs(lost) do
    local item, id, place = release(member)
    if item then
      lose(id, item, place, 'the worker died, or did not renew the lease in time.')
    end
  end
end

local function untilFirst(zset)
  local first = redis.call('ZRANGE', zset, 0, 0, 'WITHSCORES')
  return first[2] and math.max(0, first[2] - now) or -1
end

local function sooner(a, b)
  if a < 0 or b < 0 then
    return math.max(a, b)
  end
  return math.min(a, b)
end

local function take(n)
  local taken = redis.call('ZPOPMIN', waiting, n)
  if #taken == 0 then
    return taken, taken
  end
  local ids, leases = {}, {}
  local ends = now + lease
  for i = 1, #taken, 2 do
    ids[#ids + 1] = taken[i]
    taken[i + 1] = string.format('%.0f', taken[i + 1])
    leases[i], leases[i + 1] = ends, token .. ':' .. taken[i + 1] .. ' ' .. taken[i]
  end
  local found = readSome(items, ids)
  for i = #taken - 1, 2 * #found + 1, -2 do
    redis.call('ZADD', waiting, taken[i + 1], taken[i])
    taken[i], taken[i + 1], leases[i], leases[i + 1] = nil, nil, nil, nil
  end
  redis.call('ZADD', active, unpack(leases))
  return taken, found
end

local function reserve()
  if max == 0 then
    return 0, {}, {}
  end
  promote()
  recover()
  local had = redis.call('HMGET', state, 'pausedUntil', 'window', 'started')
  local paused = tonumber(had[1] or 0) - now
  if paused > 0 then
    return paused, {}, {}
  end
  local window = math.floor(now / interval)
  local started = tonumber(had[2] or 0) == window and tonumber(had[3]) or 0
  local n = max
  if cap > 0 then
    n = math.min(max, cap - started)
    if n <= 0 then
      return (window + 1) * interval - now, {}, {}
    end
  end
  local taken, found = take(n)
  if #taken == 0 then
    return sooner(untilFirst(delayed), untilFirst(active)), taken, found
  end
  if cap > 0 then
    redis.call('HSET', state, 'window', window, 'started', started + #taken / 2)
  end
  return 0, taken, found
end

local empty = back + failed > 0 and redis.call('ZCARD', waiting) == 0
settleDone(FIRST)
settleFailed(FIRST + 2 * done)
settleBack(FIRST + 2 * done + 3 * failed)
local idle, taken, found = reserve()
if empty and redis.call('ZCARD', waiting) > 0 then
  wake()
end
if ended and redis.call('HLEN', items) == 0 then
  redis.call('PUBLISH', events, 'idle')
end
return { idle, passed, taken, found }
