package io.alldocs.sync;

import static org.assertj.core.api.Assertions.assertThat;

import io.alldocs.Env;
import io.alldocs.cache.Cache;
import io.alldocs.cache.MemoryStorageDriver;
import io.alldocs.cache.spi.StorageDriver;
import io.alldocs.examples.registry.EmbeddedRegistry;
import io.alldocs.http.ClientRequest;
import io.alldocs.http.ClientResponse;
import io.alldocs.http.HttpTransport;
import io.alldocs.http.HttpTransports;
import io.alldocs.http.NpmConfig;
import io.alldocs.http.Timeouts;
import io.alldocs.http.TransportOptions;
import java.io.IOException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Runs a job on an executor of virtual threads, or where the JDK has none, of platform threads. */
@Timeout(120)
class ExecutorTest {
    private static final Optional<Method> VIRTUAL = method(Executors.class, "newVirtualThreadPerTaskExecutor");
    private static final Optional<Method> IS_VIRTUAL = method(Thread.class, "isVirtual");

    private final ExecutorService threads =
            VIRTUAL.map(method -> (ExecutorService) call(method, null)).orElseGet(Executors::newCachedThreadPool);

    /** The threads of the executor, and those that request or store packuments. */
    private final Set<Thread> given = ConcurrentHashMap.newKeySet();

    private final Set<Thread> requesting = ConcurrentHashMap.newKeySet();
    private final Set<Thread> storing = ConcurrentHashMap.newKeySet();

    private final Executor executor = task -> threads.execute(() -> {
        given.add(Thread.currentThread());
        task.run();
    });

    @AfterEach
    void endThreads() throws InterruptedException {
        threads.shutdownNow();
        assertThat(threads.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void bootstrap_withAnExecutor_requestsAndStoresOnItsThreads() {
        StorageDriver store = recorded(new MemoryStorageDriver());
        try (HttpTransport jdk = HttpTransports.create(TransportOptions.of(NpmConfig.empty()));
                EmbeddedRegistry registry =
                        EmbeddedRegistry.builder().names(500).mixedStates(false).start();
                Cache cache = Cache.builder().driver(store).executor(executor).build();
                RegistrySync sync = RegistrySync.builder()
                        .env(Env.of(Map.of()))
                        .job(SyncJob.builder()
                                .origin(registry.origin())
                                .registry(registry.origin())
                                .build())
                        .cache(cache)
                        .transport(recorded(jdk))
                        .concurrency(8)
                        .executor(executor)
                        .build()) {
            SyncResult result = sync.bootstrap();

            assertThat(result.status()).isEqualTo(SyncResult.Status.COMPLETE);
            assertThat(requesting).as("threads that request packuments").hasSizeGreaterThan(1);
            assertThat(given).containsAll(requesting).containsAll(storing);
            assertThat(storing).as("threads that store packuments").hasSizeGreaterThan(1);
            assertThat(given.stream().allMatch(ExecutorTest::isVirtual)).isEqualTo(VIRTUAL.isPresent());
        }
        assertThat(threads.isShutdown()).as("the executor is the giver's").isFalse();
    }

    private HttpTransport recorded(HttpTransport transport) {
        return new HttpTransport() {
            @Override
            public ClientResponse send(ClientRequest call, Timeouts timeouts) throws IOException, InterruptedException {
                String path = call.uri().getPath();
                if (path.length() > 1 && !path.startsWith("/_")) {
                    requesting.add(Thread.currentThread());
                }
                return transport.send(call, timeouts);
            }

            @Override
            public void close() {
                transport.close();
            }
        };
    }

    /** Records which threads store packuments. */
    private StorageDriver recorded(StorageDriver driver) {
        return (StorageDriver) Proxy.newProxyInstance(
                StorageDriver.class.getClassLoader(),
                new Class<?>[] {StorageDriver.class},
                (proxy, method, arguments) -> {
                    if (method.getName().equals("put")
                            && String.valueOf(arguments[0]).startsWith("v1:packument:")) {
                        storing.add(Thread.currentThread());
                    }
                    return method.invoke(driver, arguments);
                });
    }

    private static boolean isVirtual(Thread thread) {
        return IS_VIRTUAL.map(method -> (Boolean) call(method, thread)).orElse(false);
    }

    private static Optional<Method> method(Class<?> type, String name) {
        return Arrays.stream(type.getMethods())
                .filter(method -> method.getName().equals(name) && method.getParameterCount() == 0)
                .findFirst();
    }

    private static Object call(Method method, @Nullable Object target) {
        try {
            return method.invoke(target);
        } catch (ReflectiveOperationException e) {
            throw new LinkageError(method.toString(), e);
        }
    }
}
