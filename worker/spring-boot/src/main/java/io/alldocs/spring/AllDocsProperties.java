package io.alldocs.spring;

import io.alldocs.sync.DeletionPolicy;
import io.alldocs.sync.SyncForm;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * The properties {@code all-docs.*}. An unknown name is refused, so that a misspelt property is not ignored. Addresses
 * and secrets are strings: the library checks them, and its messages contain no secret. {@code toString()} shows no
 * value that may be a secret.
 *
 * @param storage where everything is stored
 * @param registry where names and packuments come from
 * @param http how requests are sent
 * @param sync the job that runs with the application
 * @param queue the queue of the worker
 * @param worker the worker that runs with the application
 * @param variables Variables of the libraries that have no property of their own, such as AWS_REGION. They replace
 *     those of the process. Write a name in brackets: all-docs.variables[AWS_REGION].
 */
@ConfigurationProperties(prefix = AllDocsProperties.PREFIX, ignoreUnknownFields = false)
record AllDocsProperties(
        @DefaultValue Storage storage,
        @DefaultValue Registry registry,
        @DefaultValue Http http,
        @DefaultValue Sync sync,
        @DefaultValue Queue queue,
        @DefaultValue Worker worker,
        @DefaultValue Map<String, String> variables) {

    static final String PREFIX = "all-docs";

    @Override
    public String toString() {
        return "AllDocsProperties[storage=" + storage + ", registry=" + registry + ", http=" + http + ", sync=" + sync
                + ", queue=" + queue + ", worker=" + worker + ", variables=" + variables.keySet() + "]";
    }

    private static String shown(@Nullable String secret) {
        return secret == null ? "null" : "(set)";
    }

    /**
     * The store.
     *
     * @param driver Storage driver. By default the filesystem driver.
     * @param checkpointDriver Storage driver for the progress of jobs, if the first one is not consistent after a
     *     write. By default the same driver.
     * @param directory Folder of the drivers filesystem and sqlite. By default ./cache.
     * @param file File of the driver sqlite. By default all-docs.sqlite in the folder.
     * @param bucket Bucket of the drivers s3 and gcs.
     * @param keyPrefix Prefix of all keys in a shared bucket or store. By default none.
     * @param entryFormat Format of stored entries. By default that of the driver, which is native for most.
     * @param memory Size of the stored bodies that are also kept in memory. By default none.
     */
    record Storage(
            @Nullable String driver,
            @Nullable String checkpointDriver,
            @Nullable String directory,
            @Nullable String file,
            @Nullable String bucket,
            @Nullable String keyPrefix,
            @Nullable String entryFormat,
            @Nullable DataSize memory) {}

    /**
     * The registry.
     *
     * @param url Registry that provides the packuments. By default that of the npm configuration, else
     *     https://registry.npmjs.com.
     * @param origin CouchDB database that lists the names and feeds the changes. By default
     *     https://replicate.npmjs.com.
     * @param token Token that is sent to the registry; a secret. By default that of the npm configuration.
     */
    record Registry(
            @Nullable String url,
            @Nullable String origin,
            @Nullable String token) {
        @Override
        public String toString() {
            return "Registry[url=" + shown(url) + ", origin=" + shown(origin) + ", token=" + shown(token) + "]";
        }
    }

    /**
     * The HTTP client.
     *
     * @param transport HTTP transport. By default the client of the JDK.
     * @param contact Address in the user agent, where the operators of a registry can reach you. By default none.
     * @param rate Requests per second to the registry; 0 for no limit. By default 50, and no limit on the loopback
     *     interface.
     */
    record Http(
            @Nullable String transport,
            @Nullable URI contact,
            @Nullable Double rate) {}

    /**
     * The job.
     *
     * @param enabled Whether the job starts and stops with the application.
     * @param prefix Prefix of the names to sync. By default all names.
     * @param start First name to sync. By default no bound.
     * @param end First name after those to sync. By default no bound.
     * @param form What is fetched for each name.
     * @param allow Patterns of the names whose packuments are fetched, such as @types/*. By default all.
     * @param deny Patterns of names whose packuments are not fetched. By default none.
     * @param deletions How packuments of deleted names are handled.
     * @param concurrency Packuments requested at the same time. By default 32.
     * @param interval Time between two requests for changes while there are changes.
     * @param maxInterval Longest time between two requests for changes while there are none.
     * @param listEvery Time after which the names of changed partitions are listed again; 0 for never.
     */
    record Sync(
            @DefaultValue("false") boolean enabled,
            @Nullable String prefix,
            @Nullable String start,
            @Nullable String end,
            @DefaultValue("full") SyncForm form,
            @DefaultValue List<String> allow,
            @DefaultValue List<String> deny,
            @DefaultValue("mark") DeletionPolicy deletions,
            @Nullable Integer concurrency,
            @DefaultValue("5s") Duration interval,
            @DefaultValue("1m") Duration maxInterval,
            @DefaultValue("1d") Duration listEvery) {}

    /**
     * The queue.
     *
     * @param driver Queue driver. By default the queue of this process.
     * @param name Name of the queue, among others on the same server. By default all-docs-work.
     * @param durable Whether the queue of this process is kept in the store. By default false.
     * @param redisUrl Address of the driver redis, with its password; a secret.
     */
    record Queue(
            @Nullable String driver,
            @Nullable String name,
            @Nullable Boolean durable,
            @Nullable String redisUrl) {
        @Override
        public String toString() {
            return "Queue[driver=" + driver + ", name=" + name + ", durable=" + durable + ", redisUrl="
                    + shown(redisUrl) + "]";
        }
    }

    /**
     * The worker.
     *
     * @param enabled Whether a worker starts and stops with the application. Needs all-docs-worker.
     * @param concurrency Items processed at the same time. By default 10.
     * @param grace Time for items in progress when the application stops. By default 10s.
     */
    record Worker(
            @DefaultValue("false") boolean enabled,
            @Nullable Integer concurrency,
            @Nullable Duration grace) {}
}
