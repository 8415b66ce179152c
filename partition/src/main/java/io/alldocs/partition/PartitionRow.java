package io.alldocs.partition;

import org.jspecify.annotations.Nullable;

/**
 * One document of a database, as listed by {@code _all_docs}.
 *
 * @param id id of the document; on npm, a package name
 * @param rev revision of the document, {@code null} if the server did not send it
 */
public record PartitionRow(String id, @Nullable String rev) {}
