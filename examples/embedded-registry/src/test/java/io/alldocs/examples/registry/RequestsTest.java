package io.alldocs.examples.registry;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RequestsTest {
    @Test
    void counts_afterSomeRequests_areExact() throws Exception {
        try (EmbeddedRegistry registry =
                EmbeddedRegistry.builder().names("a", "b", "c").start()) {
            Client.get(registry, "/");
            Client.get(registry, "/_all_docs");
            Client.get(registry, "/registry/_all_docs?skip=1");
            Client.get(registry, "/_changes");
            for (String name : List.of("a", "a", "b", "none", "none", "none")) {
                Client.get(registry, "/" + name);
            }

            Requests requests = registry.requests();
            assertThat(requests.total()).isEqualTo(10);
            assertThat(requests.count(Endpoint.INFO)).isEqualTo(1);
            assertThat(requests.count(Endpoint.ALL_DOCS)).isEqualTo(2);
            assertThat(requests.count(Endpoint.CHANGES)).isEqualTo(1);
            assertThat(requests.count(Endpoint.PACKUMENT)).isEqualTo(6);
            assertThat(requests.statuses())
                    .containsEntry(200, 6L)
                    .containsEntry(400, 1L)
                    .containsEntry(404, 3L);
            assertThat(List.of("a", "b", "c", "none"))
                    .extracting(requests::ofName)
                    .containsExactly(2, 1, 0, 3);
            assertThat(requests.namesAskedAtLeast(1)).isEqualTo(3);
            assertThat(requests.namesAskedAtLeast(2)).isEqualTo(2);
            assertThat(requests.starts()).hasSize(10).isSorted();
            assertThat(requests.mostWithin(Duration.ofMinutes(1))).isEqualTo(10);
            assertThat(requests.mostWithin(Duration.ofNanos(1))).isEqualTo(1);
            assertThat(requests.bodyBytes()).isPositive();
            assertThat(requests.connections()).isPositive();
            assertThat(requests.mostUnderWay()).isEqualTo(1);

            requests.reset();
            assertThat(requests.total()).isZero();
            assertThat(requests.statuses()).isEmpty();
            assertThat(requests.ofName("a")).isZero();
            assertThat(requests.namesAskedAtLeast(1)).isZero();
            assertThat(requests.starts()).isEmpty();
        }
    }

    @Test
    void mostUnderWay_parallelRequests_isTheirNumber() throws Exception {
        try (EmbeddedRegistry registry = EmbeddedRegistry.builder()
                .names("a")
                .faults(List.of(Fault.stall(1).lasting(Duration.ofMillis(300))))
                .start()) {
            List<CompletableFuture<HttpResponse<Void>>> pending = IntStream.range(0, 8)
                    .mapToObj(i -> Client.http()
                            .sendAsync(Client.request(registry, "/a").build(), HttpResponse.BodyHandlers.discarding()))
                    .toList();
            pending.forEach(CompletableFuture::join);

            assertThat(registry.requests().mostUnderWay()).isEqualTo(8);
            assertThat(registry.requests().status(200)).isEqualTo(8);
        }
    }
}
