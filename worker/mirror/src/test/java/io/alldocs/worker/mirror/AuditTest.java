package io.alldocs.worker.mirror;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class AuditTest {

    private static byte[] bytes(String json) {
        return json.getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void forRegistry_namesNotOfTheRegistry_areLeftOut() {
        assertThat(Audit.forRegistry(
                        bytes("{\"a\":[\"1.0.0\"],\"@corp/b\":[\"2.0.0\"]}"), false, name -> name.equals("a")))
                .hasValueSatisfying(sent -> assertThat(sent).asString().isEqualTo("{\"a\":[\"1.0.0\"]}"));
    }

    @Test
    @Timeout(value = 1, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void forRegistry_numberOfMillionsOfDigits_isRefusedAtOnce() {
        byte[] audit = bytes("{\"a\":" + "9".repeat(7_000_000) + "}");
        assertThatExceptionOfType(Audit.UnreadableException.class)
                .isThrownBy(() -> Audit.forRegistry(audit, false, name -> true));
    }
}
