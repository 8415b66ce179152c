package io.alldocs.house;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.domain.JavaMember;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.domain.JavaType;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Checks that the API has no type of Jackson 2, so that another version of Jackson can replace it. {@code JsonTree} is
 * the type of JSON values in the API.
 */
class JacksonTest {
    private static final String JACKSON = "com.fasterxml.jackson.";

    /** Programs, test suites and the servers of tests. */
    private static final Pattern NO_LIBRARY = Pattern.compile("io\\.alldocs\\."
            + "(cli|examples|house|storage\\.emulators|\\w+(\\.\\w+)?\\.contract|.*\\.internal)(\\..*)?");

    /** Streaming parsers that this project's modules share. CONTRIBUTING.md gives the reason. */
    private static final Set<String> ALLOWED = Set.of("DocumentJson.factory", "DocumentJson.parser");

    @Test
    void publicMembers_ofLibraries_useNoTypeOfJackson() {
        JavaClasses ours = new ClassFileImporter()
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                .importPackages("io.alldocs");

        assertThat(withJackson(ours.stream()
                        .filter(type ->
                                !NO_LIBRARY.matcher(type.getPackageName()).matches())
                        .filter(JacksonTest::isVisible)))
                .as("public members that use a type of Jackson; use JsonTree")
                .isEqualTo(ALLOWED);
    }

    @Test
    void rule_memberWithATypeOfJackson_isFound() {
        JavaClasses planted = new ClassFileImporter().importClasses(Planted.class, PlantedFailure.class);

        assertThat(withJackson(planted.stream()))
                .containsExactlyInAnyOrder(
                        "Planted.<init>",
                        "Planted.field",
                        "Planted.returned",
                        "Planted.nested",
                        "Planted.thrown",
                        "PlantedFailure");
    }

    /** Found: a public type that extends a type of Jackson. */
    public static class PlantedFailure extends JsonProcessingException {
        private static final long serialVersionUID = 1;

        PlantedFailure() {
            super("planted");
        }
    }

    /** A public type with members that use Jackson, and members that do not or are not public. */
    public static class Planted {
        /** Found. */
        protected final @Nullable JsonNode field;

        /** Found. */
        public Planted(JsonNode field) {
            this.field = field;
        }

        /** Found. */
        public @Nullable JsonNode returned() {
            return hidden();
        }

        /** Found. */
        public List<JsonNode> nested() {
            return List.of();
        }

        /** Found. */
        public void thrown() throws JsonProcessingException {
            throw new PlantedFailure();
        }

        /** Not found. */
        public String text() {
            return String.valueOf(field);
        }

        @Nullable
        JsonNode hidden() {
            return field;
        }
    }

    private static Set<String> withJackson(Stream<JavaClass> classes) {
        Set<String> found = new TreeSet<>();
        classes.forEach(type -> {
            if (usesJackson(Stream.concat(type.getSuperclass().stream(), type.getInterfaces().stream()))) {
                found.add(type.getSimpleName());
            }
            type.getMembers().stream()
                    .filter(JacksonTest::isVisible)
                    .filter(member -> usesJackson(types(member)))
                    .forEach(member -> found.add(type.getSimpleName() + "." + member.getName()));
        });
        return found;
    }

    private static boolean usesJackson(Stream<? extends JavaType> types) {
        return types.flatMap(type -> type.getAllInvolvedRawTypes().stream())
                .anyMatch(type -> type.getName().startsWith(JACKSON));
    }

    private static boolean isVisible(JavaClass type) {
        boolean isVisible = type.getModifiers().contains(JavaModifier.PUBLIC)
                || type.getModifiers().contains(JavaModifier.PROTECTED);
        return isVisible && type.getEnclosingClass().map(JacksonTest::isVisible).orElse(true);
    }

    private static boolean isVisible(JavaMember member) {
        return !member.getModifiers().contains(JavaModifier.SYNTHETIC)
                && (member.getModifiers().contains(JavaModifier.PUBLIC)
                        || member.getModifiers().contains(JavaModifier.PROTECTED));
    }

    private static Stream<JavaType> types(JavaMember member) {
        if (member instanceof JavaField field) {
            return Stream.of(field.getType());
        }
        JavaCodeUnit code = (JavaCodeUnit) member;
        return Stream.of(List.of(code.getReturnType()), code.getParameterTypes(), code.getExceptionTypes())
                .flatMap(List::stream);
    }
}
