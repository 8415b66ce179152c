package io.alldocs.worker;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.alldocs.cache.Cache;
import io.alldocs.examples.registry.EmbeddedRegistry;
import io.alldocs.http.BaseHttpClient;
import io.alldocs.http.ClientRequest;
import io.alldocs.http.ClientResponse;
import io.alldocs.http.HttpTransport;
import io.alldocs.http.HttpTransports;
import io.alldocs.http.NpmConfig;
import io.alldocs.http.Timeouts;
import io.alldocs.http.TransportOptions;
import java.io.IOException;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

/** Tests the HTTP clients that a worker creates with the settings that an application passes in. */
class WorkerClientsTest {

    /** Passes requests on to the JDK's client, and keeps their user agents. */
    private static final class Recording implements HttpTransport {
        private final HttpTransport jdk = HttpTransports.create(TransportOptions.of(NpmConfig.empty()));
        private final List<String> agents = new CopyOnWriteArrayList<>();
        private volatile boolean closed;

        @Override
        public ClientResponse send(ClientRequest call, Timeouts timeouts) throws IOException, InterruptedException {
            agents.add(String.valueOf(call.headers().get("user-agent")));
            return jdk.send(call, timeouts);
        }

        @Override
        public void close() {
            closed = true;
            jdk.close();
        }
    }

    @Test
    void clients_ofAWorker_useTheTransportTheConfigurationAndTheBuildersOfTheApplication() throws Exception {
        Recording transport = new Recording();
        try (EmbeddedRegistry registry =
                        EmbeddedRegistry.builder().names("alpha").start();
                Cache cache = Cache.builder().build();
                LocalWorkQueue queue = LocalWorkQueue.builder().build()) {
            NpmConfig npm =
                    NpmConfig.load(Map.of("NPM_REGISTRY", registry.origin().toString()), false, Optional.empty());
            try (Worker worker = Worker.builder()
                    .cache(cache)
                    .queue(queue)
                    .npmConfig(npm)
                    .transport(transport)
                    .http(() -> BaseHttpClient.builder().contact(URI.create("https://example.com/contact")))
                    .build()
                    .start()) {
                worker.perform(WorkItem.of(
                        "packument",
                        "alpha",
                        JsonNodeFactory.instance.objectNode().put("name", "alpha")));
            }
            assertThat(registry.requests().ofName("alpha")).isOne();
        }
        assertThat(transport.agents).isNotEmpty().allMatch(agent -> agent.endsWith("(+https://example.com/contact)"));
        assertThat(transport.closed).isFalse();
        transport.close();
    }
}
