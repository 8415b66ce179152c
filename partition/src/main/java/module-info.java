/**
 * Key ranges of a registry, and clients of {@code _all_docs} and {@code _changes}.
 *
 * @since 0.1.0
 */
module io.alldocs.partition {
    requires com.fasterxml.jackson.core;
    requires com.fasterxml.jackson.databind;
    requires transitive io.alldocs.cache;
    requires transitive io.alldocs.http;
    requires static transitive org.jspecify;

    exports io.alldocs.partition;
}
