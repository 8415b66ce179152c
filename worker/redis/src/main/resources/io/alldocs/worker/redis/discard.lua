-- Deletes dead letters. ARGV: ids; ids without a dead letter are ignored. Returns how many were deleted.
redis.call('HDEL', letters, unpack(ARGV))
return redis.call('ZREM', dead, unpack(ARGV))
