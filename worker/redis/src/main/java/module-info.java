/**
 * The work queue on Redis.
 *
 * @since 0.1.0
 */
@SuppressWarnings("requires-automatic") // Lettuce and Reactor name theirs in their manifests only.
module io.alldocs.worker.redis {
    requires com.fasterxml.jackson.databind;
    requires transitive io.alldocs.worker;
    requires io.netty.buffer;
    requires io.netty.common;
    requires static transitive org.jspecify;
    requires lettuce.core;
    requires org.reactivestreams;
    requires reactor.core;

    exports io.alldocs.worker.redis;

    provides io.alldocs.worker.spi.WorkQueueProvider with
            io.alldocs.worker.redis.RedisWorkQueueProvider;
}
