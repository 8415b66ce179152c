/**
 * A read-only npm registry over a cache.
 *
 * @since 0.1.0
 */
module io.alldocs.worker.mirror {
    requires com.fasterxml.jackson.databind;
    requires com.github.benmanes.caffeine;
    requires transitive io.alldocs.cache;
    requires transitive io.alldocs.http;
    requires transitive io.alldocs.packument;
    requires io.netty.buffer;
    requires io.netty.codec;
    requires io.netty.codec.http;
    requires io.netty.common;
    requires io.netty.handler;
    requires io.netty.transport;
    requires static transitive org.jspecify;

    exports io.alldocs.worker.mirror;
}
