/**
 * The job of a registry: lists names, fetches packuments, follows changes, reports and repairs.
 *
 * @since 0.1.0
 */
module io.alldocs.sync {
    requires com.fasterxml.jackson.databind;
    requires transitive io.alldocs.cache;
    requires transitive io.alldocs.http;
    requires transitive io.alldocs.packument;
    requires transitive io.alldocs.partition;
    requires static transitive org.jspecify;

    exports io.alldocs.sync;
}
