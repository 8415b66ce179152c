package io.alldocs.spring;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.alldocs.examples.registry.EmbeddedRegistry;
import io.alldocs.http.ClientRequest;
import io.alldocs.http.ClientResponse;
import io.alldocs.http.HttpTransport;
import io.alldocs.http.HttpTransports;
import io.alldocs.http.NpmConfig;
import io.alldocs.http.Timeouts;
import io.alldocs.http.TransportOptions;
import io.alldocs.worker.Processor;
import io.alldocs.worker.WorkContext;
import io.alldocs.worker.WorkItem;
import io.alldocs.worker.WorkResult;
import io.alldocs.worker.Worker;
import io.alldocs.worker.WorkerStatus;
import io.alldocs.worker.spi.WorkQueue;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.health.contributor.CompositeHealthContributor;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.health.contributor.Status;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ApplicationContext;

@Timeout(60)
class WorkerLifecycleTest {
    @TempDir
    private Path folder;

    private ApplicationContextRunner runner() {
        return Contexts.runner(folder).withPropertyValues("all-docs.worker.enabled=true", "all-docs.queue.name=spring");
    }

    private static Health queue(ApplicationContext context) {
        CompositeHealthContributor all = context.getBean("allDocsHealthContributor", CompositeHealthContributor.class);
        return ((HealthIndicator) all.getContributor("queue")).health();
    }

    /** Waits until it is interrupted, or fails with an error that affects every item. */
    private record Waiting(CountDownLatch begun) implements Processor {
        @Override
        public String type() {
            return "wait";
        }

        @Override
        public WorkResult process(WorkItem item, WorkContext context) throws InterruptedException {
            begun.countDown();
            if (item.id().equals("memory")) {
                throw new OutOfMemoryError("planted");
            }
            new CountDownLatch(1).await();
            return WorkResult.done();
        }
    }

    @Test
    void worker_ofTheContext_processesWithItsBeans_andReturnsItemsAtTheEnd() {
        CountDownLatch begun = new CountDownLatch(1);
        Worker[] worker = new Worker[1];
        long[] closing = new long[1];

        runner().withPropertyValues(
                        "spring.threads.virtual.enabled=true",
                        "all-docs.worker.concurrency=2",
                        "all-docs.worker.grace=10ms")
                .withBean(Waiting.class, begun)
                .withBean(MeterRegistry.class, SimpleMeterRegistry::new)
                .run(context -> {
                    worker[0] = context.getBean(Worker.class);
                    assertThat(worker[0].status().concurrency()).isEqualTo(2);
                    context.getBean(WorkQueue.class).enqueue(WorkItem.of("wait", "w"));
                    begun.await();

                    assertThat(Contexts.keepsAlive("all-docs worker")).isTrue();
                    assertThat(queue(context).getStatus()).isEqualTo(Status.UP);
                    assertThat(queue(context).getDetails())
                            .containsEntry("driver", "local")
                            .containsEntry("worker", "running")
                            .containsEntry("running", 1L);
                    assertThat(context.getBean(MeterRegistry.class)
                                    .get("all.docs.worker.up")
                                    .gauge()
                                    .value())
                            .isOne();
                    closing[0] = System.nanoTime();
                });

        assertThat(Duration.ofNanos(System.nanoTime() - closing[0])).isLessThan(Duration.ofSeconds(10));
        assertThat(worker[0].status().state()).isEqualTo(WorkerStatus.State.STOPPED);
        assertThat(worker[0].status().types().get("wait").released()).isOne();
    }

    @Test
    void worker_sendsWithTheTransportOfTheApplication_andWithItsProperties() {
        Recording transport = new Recording();
        try (EmbeddedRegistry registry =
                EmbeddedRegistry.builder().names("alpha").start()) {
            runner().withPropertyValues(
                            "all-docs.registry.url=" + registry.origin(),
                            "all-docs.http.contact=https://example.com/contact",
                            "all-docs.variables[WORKER_GRACE_MS]=1")
                    .withBean("transport", HttpTransport.class, () -> transport)
                    .run(context -> {
                        WorkItem item = WorkItem.of(
                                "packument",
                                "alpha",
                                JsonNodeFactory.instance.objectNode().put("name", "alpha"));
                        context.getBean(Worker.class).perform(item);
                    });
            assertThat(registry.requests().ofName("alpha")).isOne();
        }
        assertThat(transport.agents).isNotEmpty().allMatch(agent -> agent.endsWith("(+https://example.com/contact)"));
    }

    /** Passes requests on to the JDK's client, and keeps their user agents. */
    private static final class Recording implements HttpTransport {
        private final HttpTransport jdk = HttpTransports.create(TransportOptions.of(NpmConfig.empty()));
        private final List<String> agents = new CopyOnWriteArrayList<>();

        @Override
        public ClientResponse send(ClientRequest call, Timeouts timeouts) throws IOException, InterruptedException {
            agents.add(String.valueOf(call.headers().get("user-agent")));
            return jdk.send(call, timeouts);
        }

        @Override
        public void close() {
            jdk.close();
        }
    }

    @Test
    void grace_ofTheProcess_appliesWithoutAProperty() {
        CountDownLatch begun = new CountDownLatch(1);
        long[] closing = new long[1];
        runner().withPropertyValues("all-docs.variables[WORKER_GRACE_MS]=10")
                .withBean(Waiting.class, begun)
                .run(context -> {
                    context.getBean(WorkQueue.class).enqueue(WorkItem.of("wait", "w"));
                    begun.await();
                    closing[0] = System.nanoTime();
                });

        assertThat(Duration.ofNanos(System.nanoTime() - closing[0])).isLessThan(Duration.ofSeconds(5));
    }

    @Test
    void worker_thatFails_isDown() {
        CountDownLatch begun = new CountDownLatch(1);
        runner().withPropertyValues("all-docs.worker.grace=10ms")
                .withBean(Waiting.class, begun)
                .run(context -> {
                    context.getBean(WorkQueue.class).enqueue(WorkItem.of("wait", "memory"));
                    context.getBean(Worker.class).join();

                    assertThat(queue(context).getStatus()).isEqualTo(Status.DOWN);
                    assertThat(queue(context).getDetails())
                            .containsKey("problem")
                            .containsEntry("worker", "stopped");
                });
    }

    @Test
    void queue_thatIsClosed_isDown() {
        runner().run(context -> {
            context.getBean(WorkQueue.class).close();

            assertThat(queue(context).getStatus()).isEqualTo(Status.DOWN);
        });
    }
}
