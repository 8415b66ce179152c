package io.alldocs.sync.guide;

// region program
import io.alldocs.Env;
import io.alldocs.cache.Cache;
import io.alldocs.partition.Partition;
import io.alldocs.sync.ChangedPackage;
import io.alldocs.sync.RegistrySync;
import io.alldocs.sync.SyncJob;
import io.alldocs.sync.SyncListener;
import io.alldocs.sync.SyncPhase;
import io.alldocs.sync.SyncStatus;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Scanner;
import java.util.concurrent.CompletableFuture;

/**
 * Keeps the packages whose names begin with a prefix, and prints each one that changes. Arguments: origin, registry,
 * prefix, cache folder.
 */
public final class WatchPackages {
    private WatchPackages() {}

    /** Prints what the job does, and reacts to each changed package. */
    static final class Printer implements SyncListener {
        @Override
        public void phaseStarted(SyncPhase phase, long total) {
            System.out.println("phase " + phase + (total > 0 ? " of " + total : ""));
        }

        @Override
        public void changed(ChangedPackage change) {
            System.out.println("changed " + change.name() + " " + change.rev() + " " + change.outcome());
        }

        @Override
        public void paused(RuntimeException cause) {
            System.out.println("waiting: " + cause.getMessage());
        }
    }

    private static String progress(SyncStatus status) {
        String total = status.total().isPresent() ? " of " + status.total().getAsLong() : "";
        return status.state() + ", " + status.phase() + " " + status.done() + total;
    }

    public static void main(String[] args) {
        SyncJob job = SyncJob.builder()
                .origin(URI.create(args[0]))
                .registry(URI.create(args[1]))
                .range(Partition.of(args[2], args[2] + "\uffff"))
                .build();
        Env store = Env.of(Map.of("STORAGE_DRIVER", "filesystem", "CACHE_DIR", args[3]));
        try (Cache cache = Cache.builder().env(store).build();
                RegistrySync sync = RegistrySync.builder()
                        .env(Env.system()) // npm's configuration: proxies, certificates, tokens
                        .job(job)
                        .cache(cache)
                        .listener(new Printer())
                        .build()) {
            CompletableFuture<Void> end = sync.start()
                    .whenComplete((done, failure) ->
                            System.out.println(failure == null ? "stopped" : "failed: " + failure.getMessage()));
            Scanner commands = new Scanner(System.in, StandardCharsets.UTF_8);
            while (!end.isCompletedExceptionally() && commands.hasNextLine()) {
                switch (commands.nextLine()) {
                    case "status" -> System.out.println(sync.status().toJson());
                    case "progress" -> System.out.println(progress(sync.status()));
                    case "stop" -> {
                        return; // close() lets requests in flight end; the next start resumes
                    }
                    default -> System.out.println("status, progress or stop");
                }
            }
        }
    }
}
// endregion
