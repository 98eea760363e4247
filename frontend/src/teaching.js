// The pages of content, but that of articles: where content staff teach the bot.
import { comeAgain } from "./teaching/again.js";
import { showLikeness } from "./teaching/likeness.js";
import { keepTyped } from "./teaching/typed.js";
import { answerTyping } from "./teaching/typing.js";

comeAgain();
showLikeness();
answerTyping("[data-advice]", "advice", (field) => field.dataset.advice);
answerTyping("[data-try]", "tried", (field) => field.form.action);
keepTyped();
