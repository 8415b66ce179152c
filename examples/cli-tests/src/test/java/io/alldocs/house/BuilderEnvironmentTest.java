package io.alldocs.house;

import static org.assertj.core.api.Assertions.assertThat;

import io.alldocs.Env;
import io.alldocs.cache.Cache;
import io.alldocs.http.BaseHttpClient;
import io.alldocs.packument.PackumentClient;
import io.alldocs.partition.ChangesClient;
import io.alldocs.partition.PartitionClient;
import io.alldocs.sync.RegistrySync;
import io.alldocs.sync.RegistrySyncBuilder;
import io.alldocs.sync.SyncJob;
import io.alldocs.worker.LocalWorkQueue;
import io.alldocs.worker.Processor;
import io.alldocs.worker.WorkContext;
import io.alldocs.worker.WorkItem;
import io.alldocs.worker.WorkResult;
import io.alldocs.worker.Worker;
import io.alldocs.worker.WorkerBuilder;
import io.alldocs.worker.WorkerRuntime;
import io.alldocs.worker.mirror.MirrorServer;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Tests the rule of all builders: without {@code env}, they read nothing from the environment of the process. A process
 * whose environment contains only invalid values builds each of them.
 */
class BuilderEnvironmentTest {
    private static final Map<String, String> INVALID = Map.of(
            "STORAGE_DRIVER", "absent-store",
            "CACHE_MEMORY_BYTES", "none",
            "BODY_MEMORY_BYTES", "none",
            "ENTRY_FORMAT", "none",
            "NPM_ORIGIN", "http://[",
            "NPM_REGISTRY", "ftp://registry.example",
            "HTTP_TRANSPORT", "absent-transport",
            "PORT", "none",
            "QUEUE_DRIVER", "absent-queue",
            "npm_config_registry", "ftp://registry.example");

    private static final Map<String, String> RESULTS = new HashMap<>();

    @BeforeAll
    static void buildAllInAnotherProcess() throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Child.class.getName());
        builder.environment().putAll(INVALID);
        Process process = builder.redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        output.lines()
                .filter(line -> line.contains(" = "))
                .forEach(line -> RESULTS.put(line.substring(0, line.indexOf(" = ")), line));
    }

    @AfterAll
    static void forget() {
        RESULTS.clear();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Cache",
                "PackumentClient",
                "PartitionClient",
                "ChangesClient",
                "RegistrySync",
                "Worker",
                "WorkerRuntime",
                "MirrorServer",
                "BaseHttpClient"
            })
    void build_withoutEnv_readsNothingFromTheProcess(String builder) {
        assertThat(RESULTS.get(builder)).isEqualTo(builder + " = built");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Cache",
                "PackumentClient",
                "PartitionClient",
                "ChangesClient",
                "RegistrySync",
                "Worker",
                "WorkerRuntime"
            })
    void build_withTheEnvironmentOfTheProcess_readsIt(String builder) {
        assertThat(RESULTS.get(builder + " with env"))
                .contains(" = failed: ")
                .containsPattern("STORAGE_DRIVER|CACHE_MEMORY_BYTES|BODY_MEMORY_BYTES|NPM_ORIGIN|NPM_REGISTRY|PORT");
    }

    @Test
    void none_isNotAnEmptyEnvironment() {
        assertThat(Env.NONE.asMap()).isEmpty();
        assertThat(Env.NONE.readsUserFiles()).isFalse();
        assertThat(Env.NONE.projectFolder()).isEmpty();
        try (Cache cache = Cache.builder().env(Env.NONE).build()) {
            assertThat(cache.driver().name()).isEqualTo("memory");
        }
    }

    /** Builds everything without an environment, and then with that of the process. */
    static final class Child {
        private interface Build {
            void run(List<AutoCloseable> open) throws Exception;
        }

        private static final URI REGISTRY = URI.create("http://127.0.0.1:9");

        public static void main(String[] args) {
            Env env = Env.system();
            SyncJob job = SyncJob.builder().origin(REGISTRY).registry(REGISTRY).build();
            report("Cache", open -> open.add(Cache.builder().build()));
            report("Cache with env", open -> open.add(Cache.builder().env(env).build()));
            report("PackumentClient", open -> open.add(PackumentClient.builder().build()));
            report(
                    "PackumentClient with env",
                    open -> open.add(PackumentClient.builder().env(env).build()));
            report("PartitionClient", open -> open.add(PartitionClient.builder().build()));
            report(
                    "PartitionClient with env",
                    open -> open.add(PartitionClient.builder().env(env).build()));
            report("ChangesClient", open -> open.add(ChangesClient.builder().build()));
            report(
                    "ChangesClient with env",
                    open -> open.add(ChangesClient.builder().env(env).build()));
            RegistrySyncBuilder sync = RegistrySync.builder().job(job);
            report("RegistrySync", open -> open.add(sync.build()));
            report("RegistrySync with env", open -> open.add(sync.env(env).build()));
            report("Worker", open -> work(Worker.builder(), open));
            report("Worker with env", open -> work(Worker.builder().env(env), open));
            report(
                    "WorkerRuntime",
                    open -> open.add(WorkerRuntime.builder().port(0).build()));
            report(
                    "WorkerRuntime with env",
                    open -> open.add(WorkerRuntime.builder().env(env).port(0).build()));
            report("MirrorServer", open -> {
                Cache cache = Cache.builder().build();
                open.add(cache);
                open.add(MirrorServer.builder().cache(cache).start());
            });
            report("BaseHttpClient", open -> open.add(BaseHttpClient.builder().build()));
        }

        /** A worker creates its clients when an item first needs them. */
        private static void work(WorkerBuilder builder, List<AutoCloseable> open) throws InterruptedException {
            Cache cache = Cache.builder().build();
            open.add(cache);
            LocalWorkQueue queue = LocalWorkQueue.builder().build();
            open.add(queue);
            Worker worker = builder.cache(cache)
                    .queue(queue)
                    .processor(new AllClients())
                    .build();
            open.add(worker);
            worker.start();
            worker.perform(WorkItem.of("all-clients", "1"));
        }

        private static void report(String name, Build build) {
            List<AutoCloseable> open = new ArrayList<>();
            String result;
            try {
                build.run(open);
                result = "built";
            } catch (Exception e) {
                result = "failed: " + e.getMessage();
            }
            System.out.println(name + " = " + result);
            for (int i = open.size() - 1; i >= 0; i--) {
                try {
                    open.get(i).close();
                } catch (Exception e) {
                    System.out.println(name + " = not closed: " + e);
                }
            }
        }
    }

    /** Uses each client of a worker. */
    private static final class AllClients implements Processor {
        @Override
        public String type() {
            return "all-clients";
        }

        @Override
        public WorkResult process(WorkItem item, WorkContext context) {
            URI registry = context.packuments().registry();
            URI origin = context.partitions().origin();
            return WorkResult.of(1, Map.of("registry", registry.toString(), "origin", origin.toString()));
        }
    }
}
