package io.alldocs.partition;

/**
 * What a database says of itself. npm's replica answers these three fields and no other that may be relied on.
 *
 * @param dbName name of the database
 * @param docCount documents in it, {@code _design/…} documents included
 * @param updateSeq position of its newest change
 */
public record OriginInfo(String dbName, long docCount, Sequence updateSeq) {}
