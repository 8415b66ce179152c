package io.alldocs.examples.benchmarks;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FleetChaosTest {
    @Test
    void fleet_fewPackuments_losesNothing(@TempDir Path folder) {
        Chaos.assertHolds(
                folder,
                "fleet-chaos",
                "--names=300",
                "--kills=2",
                "--batch=5",
                "--concurrency=2",
                "--target-rows=100",
                "--lease=5000");
    }
}
