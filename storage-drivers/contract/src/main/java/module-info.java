/**
 * Tests that every storage driver must pass.
 *
 * @since 0.1.0
 */
module io.alldocs.storage.contract {
    requires transitive io.alldocs.cache;
    requires java.management;
    requires jdk.management;
    requires org.assertj.core;
    requires static transitive org.jspecify;
    requires transitive org.junit.jupiter.api;
    requires transitive org.junit.jupiter.params;

    exports io.alldocs.storage.contract;

    opens io.alldocs.storage.contract to
            org.junit.platform.commons;
}
