-- A page of dead letters. ARGV: the place after which it begins, how many at most. Returns id, place, id, place …, and the letters; of some of the ids only
-- when they are large.
local page = redis.call('ZRANGEBYSCORE', dead, '(' .. ARGV[1], '+inf', 'WITHSCORES', 'LIMIT', 0, ARGV[2])
local ids = {}
for i = 1, #page, 2 do
  ids[#ids + 1] = page[i]
end
return { page, readSome(letters, ids) }
