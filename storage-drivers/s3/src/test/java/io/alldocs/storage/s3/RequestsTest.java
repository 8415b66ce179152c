package io.alldocs.storage.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.alldocs.cache.body.Body;
import io.alldocs.cache.entry.EntryMetadata;
import io.alldocs.cache.entry.IntegrityException;
import io.alldocs.cache.spi.StoredEntry;
import io.alldocs.storage.contract.Values;
import io.alldocs.storage.emulators.Asked;
import io.alldocs.storage.emulators.BatchChecks;
import io.alldocs.storage.emulators.FakeS3;
import io.alldocs.storage.emulators.RealPackuments;
import io.alldocs.storage.emulators.S3Server;
import java.io.IOException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.assertj.core.groups.Tuple;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.core.ResponseBytes;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;

/** Tests the requests that are sent, and the objects in the bucket. */
class RequestsTest {
    private final S3Server server = S3Server.running();
    private FakeS3 front;
    private S3StorageDriver driver;

    @BeforeEach
    void start() throws IOException {
        server.clear();
        front = new FakeS3();
        driver = FailuresTest.driver(front.endpoint()).keyPrefix("p/").build();
    }

    @AfterEach
    void stop() {
        driver.close();
        front.close();
        server.clear();
    }

    @Test
    void batches_withAnExecutor_runOnIt() {
        BatchChecks.requireExecutor(executor -> FailuresTest.driver(front.endpoint())
                .keyPrefix("p/")
                .concurrency(2)
                .executor(executor)
                .build());
    }

    @Test
    void everyVerb_aSmallHead_isOneRequest() {
        byte[] bytes = Values.random(1, 50_000);
        EntryMetadata head = Values.head(bytes);
        driver.put("k", head, Body.of(bytes));
        assertThat(front.kinds()).containsExactly("PUT");
        assertThat(driver.get("k").orElseThrow().head()).isEqualTo(head);
        assertThat(front.kinds()).containsExactly("GET");
        assertThat(driver.head("k")).contains(head);
        assertThat(driver.has("k")).isTrue();
        assertThat(front.kinds()).containsExactly("HEAD", "HEAD");
        assertThat(driver.putIfAbsent("k", head, Body.of(bytes))).isFalse();
        assertThat(front.kinds()).containsExactly("PUT");
        assertThat(driver.putHead("k", head.toBuilder().outcome("changed").build()))
                .isTrue();
        assertThat(front.seen())
                .extracting(Asked::method, seen -> seen.headers().containsKey("x-amz-copy-source"))
                .containsExactly(Tuple.tuple("HEAD", false), Tuple.tuple("PUT", true));
        assertThat(driver.get("k").orElseThrow().head().outcome()).isEqualTo("changed");
        front.seen();
        driver.delete("k");
        assertThat(front.kinds()).containsExactly("DELETE");
        assertThat(driver.get("k")).isEmpty();
        assertThat(front.kinds()).containsExactly("GET");
    }

    @Test
    void put_gzip_sendsTheBytesPlainWithTheirDigestAndSaysWhatTheyAre() throws IOException {
        byte[] packument = RealPackuments.gzip("wrappy");
        driver.put("v1:packument:npm:777261707079", Values.gzipHead(packument), Body.of(packument));
        Asked put = front.seen().get(0);
        assertThat(put.path()).isEqualTo("/cache/p/v1%3Apackument%3Anpm%3A777261707079%21.json");
        assertThat(put.headers())
                .containsEntry("content-encoding", "gzip")
                .containsEntry("content-type", "application/json")
                .containsEntry("content-length", String.valueOf(packument.length))
                .containsEntry("x-amz-checksum-sha256", Values.sha256(packument).substring("sha256-".length()))
                .doesNotContainKeys("x-amz-trailer", "x-amz-decoded-content-length", "expect");

        ResponseBytes<GetObjectResponse> object = server.client()
                .getObjectAsBytes(
                        request -> request.bucket(S3Server.BUCKET).key("p/v1:packument:npm:777261707079!.json"));
        assertThat(object.asByteArray()).isEqualTo(packument);
        assertThat(object.response().contentEncoding()).isEqualTo("gzip");
        assertThat(object.response().contentType()).isEqualTo("application/json");
        assertThat(object.response().metadata()).containsOnlyKeys("alldocs-head");
    }

    @Test
    void packuments_ofNpm_comeBackAsTheyWere() {
        BatchChecks.requirePackuments(driver, front, "PUT", "GET");
    }

    @Test
    void headTooLargeForMetadata_isStoredBeforeTheBody() {
        byte[] bytes = Values.random(2, 3_000);
        EntryMetadata large = Values.largeHead(bytes);
        driver.put("k", large, Body.of(bytes));
        assertThat(front.seen().get(0).headers())
                .containsEntry("content-type", "application/octet-stream")
                .doesNotContainKeys("x-amz-meta-alldocs-head", "x-amz-checksum-sha256");
        assertThat(driver.get("k").orElseThrow().head()).isEqualTo(large);
        assertThat(Values.bytes(driver, "k")).isEqualTo(bytes);
        front.seen();
        assertThat(driver.head("k")).contains(large);
        assertThat(front.kinds()).containsExactly("HEAD", "GET");

        EntryMetadata small = Values.head(bytes);
        assertThat(driver.putHead("k", small)).isTrue();
        assertThat(driver.head("k")).contains(small);
        assertThat(Values.bytes(driver, "k")).isEqualTo(bytes);
        assertThat(driver.putHead("k", large)).isTrue();
        assertThat(driver.head("k")).contains(large);
        assertThat(Values.bytes(driver, "k")).isEqualTo(bytes);
    }

    @Test
    void objectOfAnother_isABareBody_andOtherNamesAreNoKeys() {
        for (String name : List.of("p/k!.json", "p/notes.txt", "p/a/b!.json", "q/k!.json", "p/!.json")) {
            server.client()
                    .putObject(request -> request.bucket(S3Server.BUCKET).key(name), RequestBody.fromString("{}"));
        }
        assertThat(keys("")).containsExactly("k");
        assertThat(Values.bytes(driver, "k")).isEqualTo(Values.utf8("{}"));
        EntryMetadata head = driver.head("k").orElseThrow();
        assertThat(head.isBare()).isTrue();
        assertThat(head.storedAt()).isAfter(Instant.EPOCH);
    }

    @Test
    void damagedHead_isNoEntryAndNamesTheKey() {
        server.client()
                .putObject(
                        request -> request.bucket(S3Server.BUCKET)
                                .key("p/torn!.json")
                                .metadata(Map.of("alldocs-head", "{\"status\":")),
                        RequestBody.fromString("{}"));
        for (Runnable read : List.<Runnable>of(() -> driver.get("torn"), () -> driver.head("torn"))) {
            assertThatThrownBy(read::run)
                    .isInstanceOf(IntegrityException.class)
                    .hasMessageContaining("torn")
                    .hasMessageContaining("s3://cache/p/");
        }
        assertThat(driver.has("torn")).isTrue();
    }

    @Test
    void deleteBatch_of1001Keys_isTwoRequestsAndListingThemTwoPages() {
        Map<String, StoredEntry> entries = new LinkedHashMap<>();
        IntStream.range(0, 1001).forEach(i -> {
            byte[] bytes = Values.utf8("v" + i);
            entries.put("k" + i, new StoredEntry(Values.head(bytes), Body.of(bytes)));
        });
        driver.putBatch(entries);
        assertThat(front.seen()).hasSize(1001);
        assertThat(keys("k")).hasSize(1001);
        assertThat(front.seen())
                .hasSize(2)
                .allMatch(seen -> "2".equals(seen.query().get("list-type")));
        try (Stream<String> lazy = driver.list("", null)) {
            assertThat(lazy.limit(5)).hasSize(5);
        }
        assertThat(front.seen()).hasSize(1);
        driver.deleteBatch(entries.keySet());
        assertThat(front.kinds()).containsExactly("POST", "POST");
        assertThat(keys("")).isEmpty();
    }

    private List<String> keys(String prefix) {
        try (Stream<String> keys = driver.list(prefix, null)) {
            return keys.toList();
        }
    }
}
