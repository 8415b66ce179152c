package io.alldocs.cache.spi;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class StorageCapabilitiesTest {

    @Test
    void builder_withoutSettings_promisesNothing() {
        assertThat(StorageCapabilities.builder().build())
                .isEqualTo(new StorageCapabilities(false, 512, Long.MAX_VALUE, false, false, true, 1));
    }

    @Test
    void builder_withEverySetting_setsEachOne() {
        assertThat(StorageCapabilities.builder()
                        .orderedListing(true)
                        .maxKeyBytes(1024)
                        .maxValueBytes(1 << 21)
                        .readAfterWrite(true)
                        .conditionalPut(true)
                        .writable(false)
                        .maxBatch(7)
                        .build())
                .isEqualTo(new StorageCapabilities(true, 1024, 1 << 21, true, true, false, 7));
    }
}
