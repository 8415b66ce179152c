package io.alldocs.cli;

import io.alldocs.cache.Cache;
import io.alldocs.cache.CacheEntry;
import io.alldocs.cache.Env;
import io.alldocs.packument.PackumentClient;
import io.alldocs.packument.PackumentResult;
import io.alldocs.partition.Partition;
import io.alldocs.partition.PartitionClient;
import java.io.PrintWriter;

/** The first fifteen lines that anybody writes with this SDK. */
final class QuickStart {
    private QuickStart() {}

    // region quickstart
    static void run(Env env, PrintWriter out) {
        try (Cache cache = Cache.builder().env(env).build();
                PartitionClient partitions =
                        PartitionClient.builder().env(env).cache(cache).build();
                PackumentClient packuments =
                        PackumentClient.builder().env(env).cache(cache).build()) {

            CacheEntry names = partitions.request(Partition.of("express", "express-b"));
            out.println(names.json().path("rows").size() + " names, " + names.source());

            PackumentResult express = packuments.request("express");
            out.println(express.outcome() + ", latest "
                    + express.json().path("dist-tags").path("latest").asText());

            PackumentResult again = packuments.request("/express");
            out.println("asked again: " + again.source());
        }
    }
    // endregion
}
