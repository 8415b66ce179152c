package app;

import io.alldocs.Env;
import io.alldocs.cache.Cache;
import io.alldocs.packument.PackumentClient;
import io.alldocs.packument.PackumentResult;
import io.alldocs.packument.VersionDecisions;
import io.alldocs.packument.VersionPolicy;
import io.alldocs.partition.Partition;
import io.alldocs.partition.PartitionClient;
import io.alldocs.partition.PartitionRows;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.time.Instant;

/** Prints the names of a registry, the outcome of each packument, and whether a policy allows all of its versions. */
public final class Main {

    private Main() {}

    /** The argument is the URL of the registry. */
    public static void main(String[] args) throws IOException {
        URI registry = URI.create(args[0]);
        VersionPolicy policy = VersionPolicy.builder().block("express@>=0").build();
        Env env = Env.system();
        try (Cache cache = Cache.builder().env(env).build();
                PartitionClient partitions = PartitionClient.builder()
                        .env(env)
                        .cache(cache)
                        .origin(registry)
                        .build();
                PackumentClient packuments = PackumentClient.builder()
                        .env(env)
                        .cache(cache)
                        .registry(registry)
                        .build();
                PartitionRows rows = partitions.rows(Partition.all())) {
            while (rows.hasNext()) {
                PackumentResult result = packuments.request(rows.next().id());
                try (InputStream document = result.entry().orElseThrow().bodyStream()) {
                    VersionDecisions decisions = policy.decide(result.name(), document, Instant.now());
                    boolean isAllowed = decisions.refusals().isEmpty();
                    System.out.print(result.name() + " " + result.outcome() + " " + isAllowed + "\n");
                }
            }
        }
    }
}
