-- Prepended to each of the other scripts: the keys of a queue, the server's clock, and shared functions.
--
-- items    hash    id -> "failures lost priority typeBytes type payload", for every item that is not dead
-- waiting  zset    id, by priority and position in the order
-- delayed  zset    "order id", by the millisecond when the item is due
-- active   zset    "token:score id", by the millisecond when the lease expires; score is used to requeue
-- dead     zset    id, in the order in which items were given up
-- letters  hash    id -> "millisecond reasonBytes reason item", for every dead item
-- state    hash    places, buried: counters of positions; pausedUntil; window of the rate limit, and starts in it
local items, waiting, delayed, active, dead, letters, state, events = unpack(KEYS)

local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)

-- Maximum number of due or expired items that one call moves in addition to its own.
local BATCH = 500

-- Maximum bytes of items in a response, unless a single item is larger: workers have small heaps.
local ANSWER_BYTES = 8 * 1024 * 1024

-- Returns the values of the first ids in a hash, as many as fit a response.
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

-- Positions per priority. With 1,000,000 priorities above and below 0, a double represents all scores exactly.
local PLACES = 2 ^ 33

-- Returns the first of n new positions, which restart at 0 once the queue is empty.
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

-- Returns the item with increased counts of failures and losses.
local function counted(item, failures, lost)
  local f, l, rest = string.match(item, '^(%d+) (%d+)(.*)$')
  return string.format('%d %d', f + failures, l + lost) .. rest
end

-- Returns a member of "delayed", which sorts by insertion order within one millisecond.
local function delayedMember(place, id)
  return string.format('%012.0f ', place) .. id
end

-- Moves delayed items that are due to the waiting ones, in the order of their times.
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

-- Whether items ended in this call: done or given up.
local ended = false

local function bury(id, item, reason)
  ended = true
  redis.call('HDEL', items, id)
  redis.call('ZADD', dead, redis.call('HINCRBY', state, 'buried', 1), id)
  redis.call('HSET', letters, id, string.format('%.0f %d ', now, #reason) .. reason .. item)
end

-- Wakes idle workers, which then poll the queue.
local function wake()
  redis.call('PUBLISH', events, 'wake')
end
