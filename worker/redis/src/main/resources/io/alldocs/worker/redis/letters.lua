-- Returns a page of dead letters. ARGV: position after which it begins, maximum number. Returns id, position, id,
-- position …, and the letters. If the letters are large, they belong to the first of the ids only.
local page = redis.call('ZRANGEBYSCORE', dead, '(' .. ARGV[1], '+inf', 'WITHSCORES', 'LIMIT', 0, ARGV[2])
local ids = {}
for i = 1, #page, 2 do
  ids[#ids + 1] = page[i]
end
return { page, readSome(letters, ids) }
