-- Forgets dead letters. ARGV: ids; those of no dead letter are passed over. Returns how many were forgotten.
redis.call('HDEL', letters, unpack(ARGV))
return redis.call('ZREM', dead, unpack(ARGV))
