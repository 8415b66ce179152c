/**
 * Packuments: package names, the client that fetches and caches packuments, and rules for versions.
 *
 * @since 0.1.0
 */
@SuppressWarnings("requires-automatic") // The jar of semver4j names its module in its manifest only.
module io.alldocs.packument {
    requires transitive com.fasterxml.jackson.core;
    requires com.fasterxml.jackson.databind;
    requires transitive io.alldocs.cache;
    requires transitive io.alldocs.http;
    requires static transitive org.jspecify;
    requires org.semver4j;

    exports io.alldocs.packument;
}
