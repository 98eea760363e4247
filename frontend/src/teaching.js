// The pages where content staff teach the bot.
import { comeAgain } from "./teaching/again.js";
import { answerTyping } from "./teaching/typing.js";

comeAgain();
answerTyping("[data-advice]", "advice", (field) => field.dataset.advice);
answerTyping("[data-try]", "tried", (field) => field.form.action);
