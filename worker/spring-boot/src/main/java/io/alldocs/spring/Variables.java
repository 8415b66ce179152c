package io.alldocs.spring;

import io.alldocs.Env;
import io.alldocs.cache.CacheKey;
import io.alldocs.http.NpmConfig;
import io.alldocs.sync.SyncJob;
import java.net.URI;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.util.unit.DataSize;

/**
 * The variables that the libraries read, and the property that sets each of them. A property replaces the variable of
 * the process.
 *
 * @param property the property, with its prefix
 * @param name the variable
 * @param value reads the property; null if it is not set
 */
record Variables(String property, String name, Function<AllDocsProperties, @Nullable Object> value) {

    static final List<Variables> ALL = List.of(
            of("storage.driver", "STORAGE_DRIVER", all -> all.storage().driver()),
            of(
                    "storage.checkpoint-driver",
                    "CHECKPOINT_DRIVER",
                    all -> all.storage().checkpointDriver()),
            of("storage.directory", "CACHE_DIR", all -> all.storage().directory()),
            of("storage.file", "SQLITE_FILE", all -> all.storage().file()),
            of("storage.bucket", "CACHE_BUCKET", all -> all.storage().bucket()),
            of("storage.key-prefix", "CACHE_KEY_PREFIX", all -> all.storage().keyPrefix()),
            of("storage.entry-format", "ENTRY_FORMAT", all -> all.storage().entryFormat()),
            of("storage.memory", "CACHE_MEMORY_BYTES", all -> all.storage().memory()),
            of("registry.url", "NPM_REGISTRY", all -> all.registry().url()),
            of("registry.origin", "NPM_ORIGIN", all -> all.registry().origin()),
            of("http.transport", "HTTP_TRANSPORT", all -> all.http().transport()),
            of("queue.driver", "QUEUE_DRIVER", all -> all.queue().driver()),
            of("queue.name", "QUEUE_NAME", all -> all.queue().name()),
            of("queue.durable", "QUEUE_DURABLE", all -> all.queue().durable()),
            of("queue.redis-url", "REDIS_URL", all -> all.queue().redisUrl()),
            of("worker.concurrency", "WORKER_CONCURRENCY", all -> all.worker().concurrency()),
            of("worker.grace", "WORKER_GRACE_MS", all -> all.worker().grace()));

    private static Variables of(String property, String name, Function<AllDocsProperties, @Nullable Object> value) {
        return new Variables(AllDocsProperties.PREFIX + "." + property, name, value);
    }

    /** Returns {@code process}, with the variables that the properties set. */
    static Env env(AllDocsProperties properties, Map<String, String> process) {
        Map<String, String> all = new LinkedHashMap<>(process);
        all.putAll(properties.variables());
        for (Variables each : ALL) {
            Object value = each.value.apply(properties);
            if (value != null) {
                all.put(each.name, text(value));
            }
        }
        String token = properties.registry().token();
        if (token != null) {
            all.put(tokenOf(registry(all)), token);
        }
        return Env.of(all).withUserFiles();
    }

    private static URI registry(Map<String, String> variables) {
        return NpmConfig.load(variables, true, Optional.empty()).registry().orElse(SyncJob.NPM_REGISTRY);
    }

    /** Returns the variable for the token of a registry. {@code NPM_TOKEN} is the token of npm's registry only. */
    private static String tokenOf(URI registry) {
        if (CacheKey.originPart(registry).equals(CacheKey.originPart(SyncJob.NPM_REGISTRY))) {
            return "NPM_TOKEN";
        }
        String path = registry.getRawPath();
        return "npm_config_//" + registry.getRawAuthority() + path + (path.endsWith("/") ? "" : "/") + ":_authToken";
    }

    /** Returns the database that lists the names. */
    static URI origin(Env env) {
        return env.getAddress("NPM_ORIGIN", SyncJob.NPM_ORIGIN.toString()).orElse(SyncJob.NPM_ORIGIN);
    }

    private static String text(Object value) {
        if (value instanceof Duration time) {
            return String.valueOf(time.toMillis());
        }
        return value instanceof DataSize size ? String.valueOf(size.toBytes()) : value.toString();
    }
}
