package io.alldocs.cli;

// region quickstart
import io.alldocs.Env;
import io.alldocs.cache.Cache;
import io.alldocs.packument.PackumentClient;
import io.alldocs.packument.PackumentResult;
import io.alldocs.partition.Partition;
import io.alldocs.partition.PartitionClient;
import java.io.PrintWriter;

/** Lists some names, and fetches a packument twice: once from the registry, and once from the cache. */
final class QuickStart {
    private QuickStart() {}

    static void run(Env env, PrintWriter out) {
        try (Cache cache = Cache.builder().env(env).build();
                PartitionClient partitions =
                        PartitionClient.builder().env(env).cache(cache).build();
                PackumentClient packuments =
                        PackumentClient.builder().env(env).cache(cache).build()) {
            var names = partitions.request(Partition.of("express", "express-b"));
            out.println(names.json().path("rows").size() + " names, " + names.source());

            PackumentResult express = packuments.request("express");
            out.println(express.outcome() + ", latest "
                    + express.json().at("/dist-tags/latest").asText());
            out.println("again: " + packuments.request("/express").source());
        }
    }
}
// endregion
