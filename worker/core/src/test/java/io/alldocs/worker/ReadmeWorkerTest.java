package io.alldocs.worker;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.alldocs.cache.Cache;
import io.alldocs.cache.Env;
import io.alldocs.examples.registry.EmbeddedRegistry;
import io.alldocs.packument.PackumentResult;
import io.alldocs.worker.WorkerStatus.Counts;
import io.alldocs.worker.spi.WorkQueue;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What the README shows of workers. */
class ReadmeWorkerTest {

    // region processor
    /** Looks at one package: items of type "licence", whose id is its name. */
    static final class LicenceProcessor implements Processor {
        @Override
        public String type() {
            return "licence";
        }

        @Override
        public WorkResult process(WorkItem item, WorkContext context) {
            PackumentResult packument = context.packuments().request(item.id());
            if (packument.entry().isEmpty()) {
                throw WorkException.permanent("There is no document: " + packument.outcome(), null);
            }
            ObjectNode found = JsonNodeFactory.instance.objectNode();
            found.put("licence", packument.json().path("license").asText("none"));
            context.cache().set("licence:" + packument.name(), found);
            return new WorkResult(1, found);
        }
    }
    // endregion

    // region worker
    static Map<String, Counts> work(Env env) throws InterruptedException {
        try (Cache cache = Cache.builder().env(env).build();
                WorkQueue queue = WorkQueues.create(env, cache::driver);
                Worker worker = Worker.builder()
                        .env(env)
                        .cache(cache)
                        .queue(queue)
                        .processor(new LicenceProcessor())
                        .build()
                        .start()) {
            ObjectNode payload = JsonNodeFactory.instance.objectNode();
            payload.put("set", "all").put("packuments", true);
            queue.enqueue(WorkItem.of("partition-set", "plan", payload));
            queue.enqueue(WorkItem.of("licence", "express").withPriority(10));
            worker.awaitIdle(Duration.ofHours(1));
            return worker.status().types();
        }
    }
    // endregion

    @Test
    void work_embeddedRegistry_doesAllOfIt() throws Exception {
        try (EmbeddedRegistry registry = EmbeddedRegistry.builder()
                .names("express", "lodash", "@scope/name")
                .start()) {
            Env env = Env.of(Map.of(
                    "STORAGE_DRIVER",
                    "memory",
                    "QUEUE_INTERVAL_CAP",
                    "0",
                    "NPM_ORIGIN",
                    registry.origin().toString(),
                    "NPM_REGISTRY",
                    registry.origin().toString()));

            Map<String, Counts> done = work(env);

            assertThat(done.get("licence").done()).isEqualTo(1);
            assertThat(done.get("sync-fetch").units()).isEqualTo(3);
            assertThat(done.values()).allMatch(counts -> counts.givenUp() == 0 && counts.retried() == 0);
        }
    }
}
