-- Renews leases. ARGV: length of the leases in milliseconds, then the leases. Returns the numbers of the lost leases,
-- starting from 1.
local ends = now + ARGV[1]
local held = redis.call('ZMSCORE', active, unpack(ARGV, 2))
local renewed, lost = {}, {}
for i = 1, #ARGV - 1 do
  if held[i] then
    renewed[#renewed + 1] = ends
    renewed[#renewed + 1] = ARGV[i + 1]
  else
    lost[#lost + 1] = i
  end
end
if #renewed > 0 then
  redis.call('ZADD', active, 'XX', unpack(renewed))
end
return lost
