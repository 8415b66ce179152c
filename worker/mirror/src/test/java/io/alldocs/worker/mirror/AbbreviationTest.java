package io.alldocs.worker.mirror;

import static io.alldocs.worker.mirror.Bench.packument;
import static org.assertj.core.api.Assertions.assertThat;

import io.alldocs.cache.CacheEntry;
import io.alldocs.cache.CacheKey;
import io.alldocs.cache.body.Body;
import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class AbbreviationTest {

    /** A body that cannot be opened until the test permits it. */
    private record Held(Body body, CountDownLatch asked, CountDownLatch may) implements Body {
        Held(Body body) {
            this(body, new CountDownLatch(1), new CountDownLatch(1));
        }

        @Override
        public long sizeBytes() {
            return body.sizeBytes();
        }

        @Override
        public InputStream openStream() throws IOException {
            asked.countDown();
            try {
                may.await();
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
            return body.openStream();
        }
    }

    @Test
    void documentThatChanges_whileItsFormerIsAbbreviated_isAbbreviatedItself() throws Exception {
        try (Bench bench = new Bench()) {
            Abbreviation abbreviation = new Abbreviation(bench.cache, bench.registry, MirrorListener.NONE);
            Held held = new Held(Body.of(Bench.gzip(packument("pad", "1.0.0"))));
            CacheEntry former = bench.unstored("pad", held);
            CacheEntry latter = bench.unstored("pad", Body.of(Bench.gzip(packument("pad", "1.0.0", "1.1.0"))));
            FutureTask<CacheEntry> ofFormer = new FutureTask<>(() -> abbreviation.of("pad", former));
            FutureTask<CacheEntry> ofLatter = new FutureTask<>(() -> abbreviation.of("pad", latter));

            new Thread(ofFormer).start();
            held.asked().await();
            Thread waiting = new Thread(ofLatter);
            waiting.start();
            while (waiting.getState() != Thread.State.WAITING) {
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1)); // the test's timeout limits this loop
            }
            held.may().countDown();

            assertThat(ofFormer.get().json().path("versions").has("1.1.0")).isFalse();
            assertThat(ofLatter.get().json().path("versions").has("1.1.0")).isTrue();
            assertThat(bench.cache.head(CacheKey.abbreviated(bench.registry, "pad")))
                    .as("what is stored is the latter's")
                    .hasValueSatisfying(head -> assertThat(Abbreviation.isDerivedFrom(head, latter.head()))
                            .isTrue());
        }
    }
}
