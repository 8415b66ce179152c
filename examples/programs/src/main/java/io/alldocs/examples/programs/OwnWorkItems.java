package io.alldocs.examples.programs;

import io.alldocs.Env;
import io.alldocs.cache.Cache;
import io.alldocs.worker.WorkItem;
import io.alldocs.worker.WorkQueues;
import io.alldocs.worker.Worker;
import io.alldocs.worker.WorkerStatus.Counts;
import io.alldocs.worker.spi.WorkQueue;
import java.time.Duration;
import java.util.Map;

/** Processes items of a custom type, while the same worker fetches the whole registry. Argument: a package's name. */
public final class OwnWorkItems {
    private OwnWorkItems() {}

    /** Runs the program. */
    public static void main(String[] args) throws InterruptedException {
        run(Env.system(), Arguments.require(args, OwnWorkItems.class, "NAME")[0])
                .forEach((type, counts) -> System.out.println(type + ": " + counts.done() + " items done"));
    }

    // region worker
    static Map<String, Counts> run(Env env, String name) throws InterruptedException {
        try (Cache cache = Cache.builder().env(env).build();
                WorkQueue queue = WorkQueues.create(env, cache::driver);
                Worker worker = Worker.builder()
                        .env(env)
                        .cache(cache)
                        .queue(queue)
                        .processor(new LicenceProcessor())
                        .build()
                        .start()) {
            queue.enqueue(WorkItem.of("partition-set", "plan", Map.of("set", "all", "packuments", true)));
            queue.enqueue(WorkItem.of("licence", name).withPriority(10));
            worker.awaitIdle(Duration.ofHours(1));
            return worker.status().types();
        }
    }
    // endregion
}
