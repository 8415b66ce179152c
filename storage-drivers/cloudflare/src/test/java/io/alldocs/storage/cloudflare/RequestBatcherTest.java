package io.alldocs.storage.cloudflare;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class RequestBatcherTest {
    private static final class Named extends RequestBatcher.Item {
        final String name;

        Named(String name) {
            this.name = name;
        }

        @Override
        int sizeBytes() {
            return 1;
        }
    }

    private final List<List<String>> sent = new CopyOnWriteArrayList<>();
    private final CountDownLatch firstMayEnd = new CountDownLatch(1);
    private final CountDownLatch secondIsUnderWay = new CountDownLatch(1);
    private final RequestBatcher<Named> batcher = new RequestBatcher<>(10, 1_000, () -> 0, this::send);

    /**
     * The first group waits until the test releases it. The second one is interrupted like a cancelled request: nothing
     * is settled, and the flag is set.
     */
    private void send(List<Named> group) {
        sent.add(group.stream().map(item -> item.name).toList());
        try {
            if (sent.size() == 1) {
                firstMayEnd.await();
            } else if (sent.size() == 2) {
                secondIsUnderWay.countDown();
                new CountDownLatch(1).await();
            }
            group.forEach(RequestBatcher.Item::succeed);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private final List<String> interrupted = new CopyOnWriteArrayList<>();

    private Thread sending(String name) {
        Thread thread = new Thread(() -> {
            try {
                batcher.send(List.of(new Named(name)));
            } catch (InterruptedException e) {
                interrupted.add(name);
            }
        });
        thread.start();
        return thread;
    }

    @Test
    void callersThatLeave_whileTheirItemsAreUnderWay_takeThemAlong() throws Exception {
        Thread first = sending("first");
        while (sent.isEmpty()) {
            Thread.onSpinWait();
        }
        List<Thread> threads = new ArrayList<>();
        for (String name : List.of("leads", "leaves", "stays")) {
            int before = threads.size();
            threads.add(sending(name));
            while (batcher.waiting() <= before) {
                Thread.onSpinWait();
            }
        }
        firstMayEnd.countDown();
        first.join();
        secondIsUnderWay.await();

        threads.get(1).interrupt();
        threads.get(1).join();
        threads.get(0).interrupt();
        threads.get(0).join();
        threads.get(2).join();
        batcher.close();

        assertThat(interrupted).containsExactly("leaves", "leads");
        assertThat(sent).containsExactly(List.of("first"), List.of("leads", "leaves", "stays"), List.of("stays"));
        assertThat(batcher.waiting()).isZero();
    }
}
