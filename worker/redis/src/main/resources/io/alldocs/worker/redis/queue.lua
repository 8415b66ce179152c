-- Stands before each of the other scripts: the keys of a queue, the server's clock, and the moves that several scripts make.
--
-- items    hash    id -> "failures lost priority typeBytes type payload", of every item that is not dead
-- waiting  zset    id, by priority and place in the order
-- delayed  zset    "order id", by the millisecond when it is due
-- active   zset    "token:score id", by the millisecond when the lease runs out; score is the one to wait with again
-- dead     zset    id, by the order in which they were given up
-- letters  hash    id -> "millisecond reasonBytes reason item", of every dead one
-- state    hash    places, buried: how many were given; pausedUntil; window of the rate limit, and how many started in it
local items, waiting, delayed, active, dead, letters, state, events = unpack(KEYS)

local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)

-- How many items one call moves beside those that it was asked to move.
local BATCH = 500

-- An answer has no more bytes of items, or one item: workers have small heaps.
local ANSWER_BYTES = 8 * 1024 * 1024

-- What is stored under the first of the ids in a hash, as far as an answer goes.
local function readSome(hash, ids)
  if #ids == 0 then
    return {}
  end
  local found = redis.call('HMGET', hash, unpack(ids))
  local bytes = 0
  for i = 1, #found do
    bytes = bytes + (found[i] and #found[i] or 0)
    if bytes > ANSWER_BYTES and i > 1 then
      return { unpack(found, 1, i - 1) }
    end
  end
  return found
end

-- Places of one priority: with 1,000,000 priorities above and below 0, all scores are whole numbers that a double holds.
local PLACES = 2 ^ 33

-- The first of n new places, which count from 0 again once the queue is empty.
local function places(n)
  if redis.call('HLEN', items) == 0 then
    redis.call('HDEL', state, 'places')
  end
  return redis.call('HINCRBY', state, 'places', n) - n
end

local function score(priority, place)
  return place - priority * PLACES
end

local function priorityOf(item)
  return tonumber(string.match(item, '^%d+ %d+ (%-?%d+)'))
end

-- An item that failed or was lost more often.
local function counted(item, failures, lost)
  local f, l, rest = string.match(item, '^(%d+) (%d+)(.*)$')
  return string.format('%d %d', f + failures, l + lost) .. rest
end

-- What stands in "delayed": within one millisecond, the order in which it was put there.
local function delayedMember(place, id)
  return string.format('%012.0f ', place) .. id
end

-- Delayed items that are due wait, as if they came in the order of their times.
local function promote()
  local due = redis.call('ZRANGEBYSCORE', delayed, '-inf', now, 'LIMIT', 0, BATCH)
  if #due == 0 then
    return
  end
  local ids = {}
  for i, member in ipairs(due) do
    ids[i] = string.sub(member, 14)
  end
  local found = redis.call('HMGET', items, unpack(ids))
  local place = places(#due)
  for i, id in ipairs(ids) do
    if found[i] then
      redis.call('ZADD', waiting, score(priorityOf(found[i]), place + i - 1), id)
    end
  end
  redis.call('ZREM', delayed, unpack(due))
end

-- Whether items are no longer to be done: done or given up.
local ended = false

local function bury(id, item, reason)
  ended = true
  redis.call('HDEL', items, id)
  redis.call('ZADD', dead, redis.call('HINCRBY', state, 'buried', 1), id)
  redis.call('HSET', letters, id, string.format('%.0f %d ', now, #reason) .. reason .. item)
end

-- Tells idle workers to ask.
local function wake()
  redis.call('PUBLISH', events, 'wake')
end
