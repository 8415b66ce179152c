-- A page of dead letters. ARGV: the place after which it begins, how many at most. Returns id, place, id, place …, and the letters.
local page = redis.call('ZRANGEBYSCORE', dead, '(' .. ARGV[1], '+inf', 'WITHSCORES', 'LIMIT', 0, ARGV[2])
local ids = {}
for i = 1, #page, 2 do
  ids[#ids + 1] = page[i]
end
return { page, #ids == 0 and {} or redis.call('HMGET', letters, unpack(ids)) }
