package io.alldocs.worker;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.alldocs.Env;
import io.alldocs.cache.Cache;
import io.alldocs.http.BaseHttpClient;
import io.alldocs.packument.PackumentClient;
import io.alldocs.partition.PartitionClient;
import io.alldocs.sync.SyncSteps;
import java.lang.module.Configuration;
import java.lang.module.ModuleFinder;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.semver4j.Semver;

/** Loads the worker and its libraries as named modules. */
@Timeout(60)
class WorkerModuleTest {

    @Test
    void runtime_asNamedModule_findsItsRuntimeAndQueue_andServesItsPage() throws Exception {
        Module module = layer().findModule("io.alldocs.worker").orElseThrow();
        Thread.currentThread().setContextClassLoader(module.getClassLoader());

        Class<?> runtimes = module.getClassLoader().loadClass(WorkerRuntime.class.getName());
        Class<?> env = module.getClassLoader().loadClass(Env.class.getName());
        Object variables = env.getMethod("of", Map.class).invoke(null, Map.of("STORAGE_DRIVER", "memory", "PORT", "0"));
        try (AutoCloseable runtime =
                (AutoCloseable) runtimes.getMethod("create", env).invoke(null, variables)) {
            runtimes.getMethod("start").invoke(runtime);
            Object server = runtimes.getMethod("server").invoke(runtime);
            URI page = URI.create(
                    "http://127.0.0.1:" + server.getClass().getMethod("port").invoke(server) + "/");

            HttpResponse<String> response =
                    HttpClient.newHttpClient().send(HttpRequest.newBuilder(page).build(), BodyHandlers.ofString());

            assertThat(runtimes.getModule().isNamed()).isTrue();
            assertThat(response.statusCode()).isEqualTo(200);
            assertThat(response.body()).contains("<html");
        }
    }

    @AfterEach
    void restoreLoader() {
        Thread.currentThread().setContextClassLoader(WorkerRuntime.class.getClassLoader());
    }

    private static ModuleLayer layer() {
        ModuleFinder finder = ModuleFinder.of(Stream.of(
                        WorkerRuntime.class,
                        SyncSteps.class,
                        PackumentClient.class,
                        PartitionClient.class,
                        BaseHttpClient.class,
                        Cache.class,
                        Env.class,
                        ObjectMapper.class,
                        JsonFactory.class,
                        JsonProperty.class,
                        Caffeine.class,
                        Semver.class)
                .map(WorkerModuleTest::location)
                .toArray(Path[]::new));
        Configuration found = ModuleLayer.boot()
                .configuration()
                .resolveAndBind(finder, ModuleFinder.of(), Set.of("io.alldocs.worker"));
        return ModuleLayer.boot().defineModulesWithOneLoader(found, ClassLoader.getPlatformClassLoader());
    }

    private static Path location(Class<?> type) {
        return Path.of(URI.create(
                type.getProtectionDomain().getCodeSource().getLocation().toString()));
    }
}
