package io.alldocs.partition;

/**
 * A database's information about itself. npm's replica sends these three fields and no others that clients can rely on.
 *
 * @param dbName name of the database
 * @param docCount number of documents, including {@code _design/…} documents
 * @param updateSeq position of the newest change
 */
public record OriginInfo(String dbName, long docCount, Sequence updateSeq) {}
